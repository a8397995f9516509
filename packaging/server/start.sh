#!/bin/sh
# The first start sets the server up and prints the first administrator's link; later ones bring the tables up to date.
set -eu
if [ ! -f "$WEFT_CLOUD_FOLDER/server.toml" ]; then
    weft-cloud init --host 0.0.0.0 --email "${WEFT_CLOUD_EMAIL:?the first administrator}" \
        --public-url "${WEFT_CLOUD_URL:-}"
else
    weft-cloud migrate
fi
# The owner of the tables is not known to the process that serves.
unset WEFT_CLOUD_OWNER
exec weft-cloud serve
