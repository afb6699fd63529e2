"""HTTP, SQL, keys, time, jobs, the FHIR grammar: what every feature needs, and not one word of medicine."""
