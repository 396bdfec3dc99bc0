### The pages of administration.
