"""What stands before serving: the virtual environment, the front-end assets, the instance. Used by run.sh."""
