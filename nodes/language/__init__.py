"""Text as words: ids and back, prompts and answers, the next word, and what a text says.

A batch of texts is a list of str; a single str is a batch of one.
"""
