"""The mapping editor: the canvas, the script bar, the inspector and the live preview around one transformation."""
