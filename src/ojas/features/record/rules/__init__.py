"""The words of a record and what they mean (``terms``); the classification of diseases (``icd10``). Pure."""
