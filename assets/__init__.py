"""What ships beside the code: templates, fonts, documents for people."""
