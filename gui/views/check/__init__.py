"""A card beside the diagram that checks gradients against the loss itself."""
