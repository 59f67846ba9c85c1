"""The faces of DEWS: the command line, and later the web desk and Airflow's page."""
