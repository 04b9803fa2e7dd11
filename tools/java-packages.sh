#!/bin/sh
# Install the Java that Spark's tests need where that is possible; elsewhere they skip and say why.
set -eu
# A machine may hold the name `java` without a Java behind it that runs.
if command -v java >/dev/null 2>&1 && java -version 2>&1 | grep -qE 'version "(17|21)'; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    for package in openjdk-17-jre-headless openjdk-21-jre-headless; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
            exit 0
        fi
    done
fi
echo "No Java 17 or 21 here and no right to install it: the tests on Spark will skip."
