"""FaceNet: its faces, its networks, what it learns from and how it is measured under hard circumstances. Host only."""
