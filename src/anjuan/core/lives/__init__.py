"""The life of a person or unit over all records (一人一档): whether two mentions are one, months and gaps. Pure."""
