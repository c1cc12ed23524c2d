from django.urls import path

from . import account_pages, sign_in_pages

app_name = "people"
urlpatterns = [
    path("sign-out/", sign_in_pages.leave, name="sign_out"),
    path("account/", account_pages.account, name="account"),
    path("account/password/", account_pages.password, name="password"),
    path("account/second-factor/", account_pages.second_factor, name="second_factor"),
    path("account/second-factor/off/", account_pages.drop_factor, name="drop_factor"),
]
