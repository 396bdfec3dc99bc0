### Signing in, signing up and everything on the way there, and the pages that mailed links open.
