"""What is done to tensors between layers. No block here changes its input; views may be shared.

Where the number of axes or their sizes depend on the config, the ports say "anything".
"""
