"""The subcommands that run beside a server, or without one."""
