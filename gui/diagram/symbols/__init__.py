"""The typeset symbols beside the columns, and the room that they have."""
