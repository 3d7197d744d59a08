"""The run that is shown: controller, recordings, travel, run timeline."""
