"""The line between units and their office: topics, messages, the link to a broker, and the office's side of it."""
