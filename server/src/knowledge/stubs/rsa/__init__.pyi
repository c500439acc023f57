from rsa.key import newkeys as newkeys
