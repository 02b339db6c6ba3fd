"""The words of the protocol: commands, events, notices, refusals, the rules for texts, and limits. Pure."""
