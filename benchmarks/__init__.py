"""How fast the library and its pictures are: ``python3 course.py bench``; see README.md."""
