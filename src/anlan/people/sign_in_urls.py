"""The door's addresses, at the root."""

from django.urls import path

from . import sign_in_pages as pages

urlpatterns = [
    path("sign-in/", pages.enter, name="sign_in"),
    path("sign-in/code/", pages.code, name="sign_in_code"),
    path("sign-in/password/", pages.first_password, name="first_password"),
    path("sign-in/provider/", pages.to_provider, name="oidc_begin"),
    path("sign-in/provider/back/", pages.from_provider, name="oidc_back"),
]
