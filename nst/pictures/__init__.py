"""Files and Pillow images to pictures and back: reading, writing, color, the provenance inside a file, the time-lapse.

A picture is 1x3xHxW float32 in sRGB from 0 to 1, on the CPU.  Imports only files beside the wings.
"""
