"""What the service keeps of a city: its searches, stations, places, tiles."""
