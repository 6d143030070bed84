"""The wire: the public gRPC server, its services, and the client that speaks to it. Floor 3."""
