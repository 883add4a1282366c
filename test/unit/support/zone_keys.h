// Keys as tools write them, one of each algorithm. They sign nothing but tests.
#pragma once

#include <string>

namespace fairlead::test {

struct KeyTexts {
  std::string public_text;
  std::string private_text;
};

inline const KeyTexts kP256Net{R"(; This is a key-signing key, keyid 57158, for example.net.
example.net. IN DNSKEY 257 3 13 igLgxhKnXS0XznDnzkNq+mdLe/BYO2hWvGDtQurgS14qC085ogVsUuUm8DKiOgzoqIRx9QKitgLucC1r6cbWGw==
)",
                               R"(Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: EEg9Ycmj73kf51wn3N+HVdcaXussj0PJ9NJtgj9zIiE=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kRsaSha1{R"(; This is a key-signing key, keyid 64897, for example.org.
example.org. IN DNSKEY 257 3 5 AwEAAddv8IH3rbRDx1XSPvw+S3JfSm3zg0c6unjWrlEUrMjMhyr8sfiRIZvodUd9M/4JzqlNWfTbU4nFvf1X2Cu4QbZtCtI+f07jGvq7O5Xy6alzlXXjnxfo/JEJa6BHIqzRBs61SqlKVtEham2opzLtxbAdwxxFU5oOujWjxldWJ0un
)",
                               R"(Private-key-format: v1.3
Algorithm: 5 (RSASHA1)
Modulus: 12/wgfettEPHVdI+/D5Lcl9KbfODRzq6eNauURSsyMyHKvyx+JEhm+h1R30z/gnOqU1Z9NtTicW9/VfYK7hBtm0K0j5/TuMa+rs7lfLpqXOVdeOfF+j8kQlroEcirNEGzrVKqUpW0SFqbainMu3FsB3DHEVTmg66NaPGV1YnS6c=
PublicExponent: AQAB
PrivateExponent: m1ly2qVZMrX1VaNoG8hn6y9fom2IaqKkuGJGDN2Vwq4Jgiv5wb4VuDEl8MkN5s/3oAnRJknJsX1QBRGFJfGWH70BgdQID3FjNrimh9ZgYQhUFdhlKZk3SZbtkCRaSQUp8OlUjycNBMoMuG/iIMKS4Nk2cAm5RJjoVrtAbGUWemE=
Prime1: 9M3urRk80a3/JiYF1zp5GcyE3iAq00nCFcMlJtYJx44xOIlnuFRNEQBBpqM9d+WBrRs59c4arMIa9I+lZ7x4yQ==
Prime2: 4UowUc2KHQaI0+0jWZ84+IrcZAHmbjgu5daeJ0Y0bGG2HgYl2Q8pAhg7CtpifdGwPlMAp/xsGNKhgbnEuGpI7w==
Exponent1: qz197kGQJJAUwYepYEN7wIsqigJwUnnutLBbxY3FK30Qex7KmcsGWZUXV0wqzDqTehZodcPlLuFcX6Q3rJfO2Q==
Exponent2: 1ymisk3KTWRTQ4vkyhBuObltOTozWCriZ3Isw7eiE6zSYSRf+0kmUjDQGtJtZFripvNg2g8TMjXgN+QyxCoGEw==
Coefficient: Oo3II9KxJasTlZ68KkwI3msppd0jsb44PLssxiF9gypWDzMSRjwowDRnDkL/NpGLuNobCqwHrKXyMKZro3/yog==
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kRsaSha256{R"(; This is a key-signing key, keyid 47021, for example.org.
example.org. IN DNSKEY 257 3 8 AwEAAeHrxFlVBqjbVSjI6KTdjkWH7EgDsE8rNt5khtRYtyMGpXkAKcys4rC8ArUpYJGTANifcuFx6U6V0X5dClYi+AOQawkXZJVXdEIO1H1vGAA0krdWknaX5kVILgqWpxOAna01byKdZm0XtIKYV2czeHgkW09lw449yNRWUydOoxHV
)",
                                 R"(Private-key-format: v1.3
Algorithm: 8 (RSASHA256)
Modulus: 4evEWVUGqNtVKMjopN2ORYfsSAOwTys23mSG1Fi3IwaleQApzKzisLwCtSlgkZMA2J9y4XHpTpXRfl0KViL4A5BrCRdklVd0Qg7UfW8YADSSt1aSdpfmRUguCpanE4CdrTVvIp1mbRe0gphXZzN4eCRbT2XDjj3I1FZTJ06jEdU=
PublicExponent: AQAB
PrivateExponent: XKMpcxv7TBgL1lpzks7KfNZcW7cvf3cP26dK5h2ukq0yAui/Ow8VMTUWwyRBVc/6g9j16V2lNjUWnwMVrvZNzZsMSOJydAL4ZAC9bH9c/DObsGnLq/9aJEQPZpVVBk3txNN6TG0pkYNfrQbioWWMpii4Pky79b9Hg4INRSUuiUE=
Prime1: 9nV4ijeXOIoSF6ZLB04yksKe5NAKIbARIQx5BtZRQQQUPOs1J0VKml85Y5kEIXUnKehKHauv0jjSgYuAoWFcxQ==
Prime2: 6qrBXeJPy45Q6m4ilZOaUV1I0HMyC9vhCyfUrVJ2cryF9DVRSuYwauXht3KaSHSMcBrMJxUI8XiaY6q1VVxR0Q==
Exponent1: VKPVKMqcoWsxeXO/spuVXLd/8B7OS/F2gH4TFlkGAKkQ9jbkwz7VtxxaziyfsYnVUFwZEAWFVVH0YU7ydvnD7Q==
Exponent2: swxeRZfrclDABF7MHHxmfjZC3GlIgiveZXiamTQWFC0rt80GnbNMtgN4WVQjy6zBirenlRpDnJp8khcqDFtIQQ==
Coefficient: NB5sZvjE+sFAydTNHi6cKInoiU2N3HhKRx3ZnGlaRVjcGf2vsB6KLyCzgUVKzIVP/9kIrRVB2/1GPZLjIrhfww==
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kRsaSha512{R"(; This is a key-signing key, keyid 31021, for example.org.
example.org. IN DNSKEY 257 3 10 AwEAAbbhau2jl4Q9Qv5kuARvXkz2ipcJz1zZestAwPJIrNX+PWE5yIeCh0XbS0sIr6BnF7JaIbFKZdqqFNSAOKHjI8sW6QB4bdQ5cl3Od1ejvrFWl0PxfKKn167mW10S13MmP4UOQGo7PpkD3K5Zcagljcz4EKlqP8Jj8Lcg/BQOR609AMTzFstklvfTKpcMR8hvS8DyL15stUojZ9KJWf76NPj5UOK1HHndJLH0CKbdDP3n8bHo0yUnqgPFxrX1pKNOEqcEYPZ1jTc351xEZ9jSpjRO5GAzbt53nGa0jUjbovY/mJy4i5sAudqjc3HljZ1grVkFQKx1wTYGkppYTun0+Pk=
)",
                                 R"(Private-key-format: v1.3
Algorithm: 10 (RSASHA512)
Modulus: tuFq7aOXhD1C/mS4BG9eTPaKlwnPXNl6y0DA8kis1f49YTnIh4KHRdtLSwivoGcXslohsUpl2qoU1IA4oeMjyxbpAHht1DlyXc53V6O+sVaXQ/F8oqfXruZbXRLXcyY/hQ5Aajs+mQPcrllxqCWNzPgQqWo/wmPwtyD8FA5HrT0AxPMWy2SW99MqlwxHyG9LwPIvXmy1SiNn0olZ/vo0+PlQ4rUced0ksfQIpt0M/efxsejTJSeqA8XGtfWko04SpwRg9nWNNzfnXERn2NKmNE7kYDNu3necZrSNSNui9j+YnLiLmwC52qNzceWNnWCtWQVArHXBNgaSmlhO6fT4+Q==
PublicExponent: AQAB
PrivateExponent: C8yyjf+qpIUhX/GWr+6Rmoyjt4gSAY8krZ2RdXB7+lirlCzaw+eHm9nA22gFkOdl74OCPgKrXLbxnh5hyQwzQITLZtTeXT2Ro/zQ1W5CvQV1wBQCMyp6L5Y8Wd5/2TWkDo0zWcdVzCCkKfmqbCt0IT/2L0AkOgIhw2cU7KRZOpOjm+c9A2GxLE1QQA6TR6dLpxqshHksjpnVJGnz8fIDF0URnFX13AAKe5SzyA7Zc3lZojXktWHdtt626yfFuna31puJat867rTjUs0d+xWXAg6FZ1hXW/JxAdAZjZz+F9l/n/NeznpW951lyZ6uxLUxr3tVguhlKvyS7mSjOHGX4w==
Prime1: 33xCgPAI0NgeMQPMd15TFe+e6KzvQF/bl3jY3BF6PGE3riCyqTmdhn5eG1yHbjC9G4GhwauQ48xlCgmJ+bRw3BbDTt+IgHMbEILPe+59FBfT2cWh4Xvjh4rCkk3P0FU6wF8qxurQMnAzh0pyjPV+qdbaQAfJ7/qWV/dGl25bjHM=
Prime2: 0XzTR99AQSUJEGB+6IbFpcPdg/PU/3poCZuVSXmBPYCW7lHKnnrjmIiTJnyD9t6tBliBfurbkuxfBj1I9EPOonWIW1mxwuEAeUVgK0KJ/oCGF7gZF6zBAY+vyUscENCRmvm3ngLpJ16MiMYpJgv9mMsWz/QEO9KgVZR5emQ2FeM=
Exponent1: oU9HkVmwg037PNXJF7/1qLe0s61fY8/M6KBJp07WNA7X6c+gJZV4pkNAGe/HsTlsxhXjc68qfcJii8Qm2x3q+HFVt/CQzmZG+rvwlzuk/IPWXjHQjrilmogFuSSBA5cBOSl37uw+KqniB50s4aGxM1XpYp48nAL70bKiOVtmqRE=
Exponent2: j0quyo6uyOCoXodix3LIZyaess9qdoYn+8psRyHRgVwf4UwZKGYun/tri/vH2GlgOOL5UPMc1lbQeNgautpW0VFLwBCOQxrc1BbcPTr6YRdQoZDPuR31tzetqiayP94qerMtIewjx0YpIrVJGDlDcewY4o2rB7B+84rnvQwm4rk=
Coefficient: 3vgDQlGxXoZ0/y3xiEoLO+vTR7+LvA/iW1rvIUHAl8r+p4M7YoKNqT1aPH2VJUJ2jjUUiYu94AKi1TEk6935tdLyMvTVy42a4iga69DNUumRbJMAN6JVpwZoxd4qPwJHCjtoAWfQEzYirLcruYVC6MvVvP6SNgsL/bhFA2cKshM=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kP256{R"(; This is a key-signing key, keyid 46647, for example.org.
example.org. IN DNSKEY 257 3 13 c8E/Eu89uDYQ6FmTKUdoFJehIAh9qhouKOf9hxQ7CA6uq068CJI3vWT54MHY04gSWy1LRUez5uIaLNtbK2vveg==
)",
                            R"(Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: Ijk393kxf2v9CvM+1CQf6Hq1kFAQEJUrt5n3g492KbA=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kP256Zone{R"(; This is a zone-signing key, keyid 61779, for example.org.
example.org. 300 IN DNSKEY 256 3 13 8KPh22+kIHPg2XS2TUbPXAKOWkpjEEYTnJi0hFFJEvmSOZMJ5IXiu/QDAuKAHcRaTa5AJQUyNfC1VawMAa4JNw==
)",
                                R"(Private-key-format: v1.3
Algorithm: 13 (ECDSAP256SHA256)
PrivateKey: +bjeBNxfAXnLGCazyCevnO0mGiwIfh1JDE8dlpkIy6U=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kP384{R"(; This is a key-signing key, keyid 4538, for example.org.
example.org. IN DNSKEY 257 3 14 RM8jKdPKdY+LtDpYpGa6RVQHmSvzUUgxw5upwAwY623Tn+UoWH5ZbsR2PptZ+aPrMhjG6P9iLIU3xbHnyM75kcv9W3SA1mMNmbisVaKGybP+0gV2n/Z4GFjogI6gFhnf
)",
                            R"(Private-key-format: v1.3
Algorithm: 14 (ECDSAP384SHA384)
PrivateKey: +OsX6M3MCuuMKnqXRMLIIuyggc7q+VXSZiiIKGIUaCwBefsASMklF/oNA1Q8XcRz
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

inline const KeyTexts kEd25519{R"(; This is a key-signing key, keyid 45372, for example.org.
example.org. IN DNSKEY 257 3 15 shV3sJdQF1+gaJLpPUG6jIfuDogOxLVyjkO27OBsKUw=
)",
                               R"(Private-key-format: v1.3
Algorithm: 15 (ED25519)
PrivateKey: 2cl/QIOecBmcan52S+bvjbJizagUSevqOXPCEfSexps=
Created: 20230101000000
Publish: 20230101000000
Activate: 20230101000000
)"};

}  // namespace fairlead::test
