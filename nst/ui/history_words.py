"""What the history says, in one place; names in braces are filled in by the browser."""

from __future__ import annotations

from typing import Any

WORDS: dict[str, Any] = {
    "title": "History",
    "kept": "Kept in this browser alone: the last {pictures} pictures, with what they were made of, at most "
    "{megabytes} MB. Nobody else sees them; the server deletes its own files after {hours} hours.",
    "empty": "Nothing yet: every picture that you paint is kept here, with its recipe and what it was made of.",
    "unavailable": "Nothing can be kept in this browser, as in some private windows: download what you want to keep.",
    "restore": "Bring back {title}",
    "restoring": "The pictures are brought back …",
    "restored": "Brought back, with its recipe and what it was made of: the button makes it again.",
    "notSent": "The pictures could not be sent to the server: try again in a minute.",
    "notKept": "The picture could not be kept in this browser: download it.",
    "failed": "That did not work in this browser: load the page again.",
    "noRoom": "This browser has no room for the picture: download it, and delete others here.",
    "reduced": "Kept, with smaller copies of large inputs: made again from these, single strokes may differ.",
    "results": {
        "favourites": "Not kept: favourites take up all the room. Delete some here, or take back their stars.",
        "crowded": "Kept, but this browser has little room: the oldest pictures that are no favourites were deleted.",
    },
    "favourite": "Favourite",
    "compare": "Compare",
    "remove": "Delete",
    "deleted": "Deleted: {title}.",
    "downloadAll": "Download all as ZIP",
    "deleteAll": "Delete all",
    "question": "Delete all {count} pictures from this browser, favourites as well?",
    "keepAll": "Keep them",
    "allDeleted": "All are deleted.",
    "archive": "gramarye.zip",
    "titles": {
        "stylize": "{content} in the style of {style}",
        "reconstruct": "{content}, reconstructed",
        "synthesize": "{style}, synthesized",
    },
    "settings": {
        "stylize": "{preset}, {size} px, strength {strength}",
        "reconstruct": "{preset}, {size} px",
        "synthesize": "{preset}, {size} px",
    },
    "own": "own settings",
    "itsOwn": "{role} of A: {name}",
    "close": "Close",
    "slider": "How much of A is seen",
    "setting": "Setting",
    "differences": "In what they differ",
    "same": "They were made with the same settings, of the same pictures.",
    "atTheEnd": "Losses at the end",
    "losses": {"content": "Content loss", "style": "Style loss"},
    "inputGone": "That picture is not kept here.",
    "task": "Task",
    "verbs": {"stylize": "Stylize", "reconstruct": "Reconstruct", "synthesize": "Synthesize"},
    "pixels": "Pixels",
    "steps": "Steps",
    "of": " of ",
    "on": "on",
    "off": "off",
    "none": "none",
}
