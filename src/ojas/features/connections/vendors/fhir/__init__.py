"""FHIR R4: a Bundle, resources one a line (ndjson), single resources, or a zip or gzip of them."""
