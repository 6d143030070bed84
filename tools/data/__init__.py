"""Data set loaders: each takes a root folder in the official layout and gives records. Host side only.

What each collection calls an emotion, and where that goes among the seven. FaceNet's own labels are the seven and contempt,
the voice network's the seven and calm; with native labels those two are classes of their own. Only labels that the model and
the collection both have compete.

=============  ==================================================================================================
ferplus        the eight vote columns; unknown and NF dropped; contempt -> disgust
fer2013        0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral; or folders of those names
ckplus         folders anger, contempt -> disgust, disgust, fear, happy, sadness, surprise (neutral where added)
rafdb          1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral
affectnet      0 neutral, 1 happiness, 2 sadness, 3 surprise, 4 fear, 5 disgust, 6 anger, 7 contempt -> disgust
ravdess        01 neutral, 02 calm -> neutral, 03 happy, 04 sad, 05 angry, 06 fearful, 07 disgust, 08 surprised
nemo           neutral, happiness, sadness, anger, fear, surprised
cremad         NEU, HAP, SAD, ANG, FEA, DIS
emodb          N neutral, F happiness, T sadness, W anger, A fear, E disgust; L boredom left out
tess           neutral, happy, sad, angry, fear, disgust, ps (pleasantly surprised) -> surprise
savee          n neutral, h happiness, sa sadness, a anger, f fear, d disgust, su surprise
=============  ==================================================================================================
"""
