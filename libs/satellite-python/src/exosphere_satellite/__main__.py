import sys

from .program import main

main(sys.argv[1:])
