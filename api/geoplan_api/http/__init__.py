"""The service's web side: the application, what each request passes through, the routes."""
