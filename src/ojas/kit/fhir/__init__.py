"""The grammar of FHIR R4 (4.0.1): reading, checking, dating, pointing. The words are each feature's own ``fhir.py``.

R4 is a border, never the inner model.
"""
