"""The energy lattice for people: what its flows did, drawn, and examples that show that it learns.

story      what flows did, as arrays
scene      the same made small enough to travel to the studio
drawing, sheet, film   pictures as files
show       one run of a document's lattice, drawn
contest    plans of a template side by side: same data, same steps, several seeds
examples   digits, sentences and channels: what each is compared with and how it is told
"""
