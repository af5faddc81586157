"""The HTTP contract: routes over the studio, the viewers and the gallery, behind one guard."""
