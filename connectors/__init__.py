"""What talks to the outside: the ERP, the partner systems and their loopback sandboxes."""
