// In place of the theme's script of the same name, which draws icons as SVG: 1.6 MB. The theme's style sheet draws the same icons with a font.
