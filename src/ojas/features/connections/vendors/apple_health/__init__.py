"""Apple Health: the archive the Health app exports, or the ``export.xml`` out of it."""
