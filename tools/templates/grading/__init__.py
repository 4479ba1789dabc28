"""What nbgrader does differently for this course: copied into the course folder, and imported by nbgrader_config.py there."""
