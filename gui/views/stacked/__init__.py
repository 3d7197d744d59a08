"""All layers as one stacked product, in torch's order."""
