#!/bin/sh
echo "nameserver ${var:nameserver}" > /run/nameserver
