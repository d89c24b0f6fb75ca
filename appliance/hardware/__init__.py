"""Real devices behind the ports: the only package that knows pyscard, picamera2 and gpiozero."""
