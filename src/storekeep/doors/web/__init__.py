"""What the pages of the storefront and the console share: look, layouts, forms, answers and guards.

It owns templates, style, script, form reading, CSRF, cookies, caching and the wrapper around a page.
It knows nothing about orders, stock or payments: pages hand it finished views.
"""

from storekeep.doors.web.app import assemble
from storekeep.doors.web.assets import Assets, load_assets
from storekeep.doors.web.door import Door, Req
from storekeep.doors.web.filters import Formats
from storekeep.doors.web.forms import Fields, Form
from storekeep.doors.web.middleware import HostPolicy, Walls
from storekeep.doors.web.page import route
from storekeep.doors.web.pagecache import PageCache
from storekeep.doors.web.render import Renderer
from storekeep.doors.web.responses import Problem, download, page, problem, public_page, redirect, redirect_out

__all__ = [
    "Assets",
    "Door",
    "Fields",
    "Form",
    "Formats",
    "HostPolicy",
    "PageCache",
    "Problem",
    "Renderer",
    "Req",
    "Walls",
    "assemble",
    "download",
    "load_assets",
    "page",
    "problem",
    "public_page",
    "redirect",
    "redirect_out",
    "route",
]
