"""Translations of the interface, and the program that brings them up to date."""
