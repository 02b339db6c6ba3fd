"""The app on a terminal: a model that follows the conversation, and a full screen drawn with prompt_toolkit."""
