"""A private mosquitto: its certificates, its configuration and its process."""
