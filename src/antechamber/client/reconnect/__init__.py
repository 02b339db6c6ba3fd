"""`--reconnect`: staying a member over lost connections."""
