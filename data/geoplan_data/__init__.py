"""Small fact tables with their sources (see SOURCES.md); read them through :mod:`geoplan.facts`."""
