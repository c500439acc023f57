# loopguard: complete

from fastapi import APIRouter as APIRouter
