"""The words of a record and what they mean, the ranges laboratories print, the classification of diseases. Pure."""
