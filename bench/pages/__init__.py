"""What the pages cost in a browser: weight, layout shift, Lighthouse's scores, and how soon a change is seen."""
