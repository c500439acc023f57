from mechanize._mechanize import Browser as Browser
