from pwdlib._hash import PasswordHash as PasswordHash
