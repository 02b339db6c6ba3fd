"""What members and onlookers ask to be told: replay, history, subscriptions, metrics and samples."""
