"""What leaves this machine: finished data, looked through before it is sent."""
